namespace Serverless.Alerts;

/// <summary>Values that stand in the environment, never in a file: <c>env:NAME</c>.</summary>
internal sealed class Secrets(Func<string, string?>? variable = null)
{
    private const string Prefix = "env:";
    private readonly Func<string, string?> variable = variable ?? Environment.GetEnvironmentVariable;

    public static bool IsReference(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length is > 4 and <= 132 && !char.IsAsciiDigit(text[4]) && text.AsSpan(4).ToString().All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>The text itself, or what the variable holds. Throws <see cref="DeliveryException"/> when it holds nothing.</summary>
    public string Resolve(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return text;
        var name = text[Prefix.Length..];
        return variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim()
            : throw new DeliveryException($"the environment variable {name} is not set in this process");
    }
}
