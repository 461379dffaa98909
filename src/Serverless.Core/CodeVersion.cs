using System.Reflection;

namespace Serverless;

/// <summary>Which code did something: version and, where it was built from a checkout, the commit.</summary>
public static class CodeVersion
{
    public static string Current { get; } =
        typeof(CodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
