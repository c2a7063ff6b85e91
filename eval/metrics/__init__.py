"""What is measured, one metric a module, each with its formula and source.

Every module has plain functions from texts or values to a number, or to None for "not measured".
"""
