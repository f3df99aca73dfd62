"""The process of one video: how it is started, confined and spoken to."""
