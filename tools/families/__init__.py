"""Recipes of the tiny random models in test/families, one module a family: PYTHONPATH=tools python -m families.NAME"""
