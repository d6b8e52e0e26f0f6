"""What the service is held against, run by an environment of its own (``requirements/bare.lock``).

MediaPipe 0.10.21 is the last release with ``FaceMesh`` in it, and holds everything beside it on
Python 3.12 and numpy 1. So what stands here runs as processes of that environment, and imports
nothing of ours but what stands here and the recordings.
"""
