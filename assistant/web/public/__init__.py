"""The public pages: the chat drawn with Gradio, « Ma commune », « À propos » and the reply of the team."""
