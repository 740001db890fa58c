"""`speak`: a sound is played and the avatar says it, for people at a terminal and for programs that talk by themselves."""
