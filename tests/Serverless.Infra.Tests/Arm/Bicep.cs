using System.Reflection;
using Serverless.Testing;

namespace Serverless.Infra.Tests.Arm;

/// <summary>The Bicep command line from its NuGet package.</summary>
internal static class Bicep
{
    private static readonly string? Tool = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(a => a.Key == "Bicep")?.Value;

    public static bool IsHere => Tool is not null;

    public static void SkipWhereAbsent() => Skip.IfNot(IsHere, "the Bicep command line is a NuGet package for Linux x64 only");

    public static Task<Command> RunAsync(params string[] arguments)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Tool!, File.GetUnixFileMode(Tool!) | UnixFileMode.UserExecute);

        return Command.RunAsync(Tool!, arguments);
    }
}
