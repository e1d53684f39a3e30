"""The public page: a thin loop over the events of `assistant.service`, drawn with Gradio."""
