using Serverless.Switches;

namespace Serverless.Testing;

/// <summary>Everything on but some parts.</summary>
public sealed class SwitchedOff(params string[] parts) : ISwitches
{
    public IReadOnlyList<string> Off { get; set; } = parts;

    public bool IsOn(string part, string subject) => !Off.Contains(part);
}
