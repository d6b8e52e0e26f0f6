"""Records for teachers and figures for operators."""
