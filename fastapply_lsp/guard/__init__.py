"""Is the rewrite what was asked, and nothing else?"""
