namespace Serverless.Problems;

/// <summary>One thing that is wrong in a file or an input: where it is, what was found, what was expected.</summary>
public sealed record Problem(string Message, string? File = null, int? Line = null, int? Column = null)
{
    /// <summary>The form compilers use, so that editors and terminals can jump to it: <c>file(line,column): message</c>.</summary>
    public override string ToString() => (File, Line) switch
    {
        (null, _) => Message,
        (_, null) => $"{File}: {Message}",
        _ => $"{File}({Line},{Column ?? 1}): {Message}",
    };
}
