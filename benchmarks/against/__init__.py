"""This version of the program beside an older commit of it: python -m benchmarks.against COMMIT"""
