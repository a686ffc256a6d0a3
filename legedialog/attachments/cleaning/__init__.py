"""A program that reads a hostile file and writes a harmless one. It imports nothing of Django and knows no secret."""
