def vector_files(schema):
    return {}
