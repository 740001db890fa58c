"""Sound: a microphone, and what is heard of a voice: its vowels and its volume, and the mouth that goes with them."""
