"""placeholder"""
def tool_names() -> list[str]:
    return []
