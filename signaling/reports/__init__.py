"""Records for teachers and figures for operators. In the front process."""
