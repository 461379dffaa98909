using System.Runtime.InteropServices;

namespace Serverless.LightGbm;

/// <summary>
/// Between its many short parallel loops OpenMP's threads spin by default. Where other processes want the same processors, each thread then burns the time that the
/// other one needs: a fit of 217,000 rows took 33 s instead of 5 s on a busy machine with two cores. Waiting asleep costs next to nothing on an idle one.
/// </summary>
internal static partial class OpenMpWaiting
{
    private const string Variable = "OMP_WAIT_POLICY";

    /// <summary>To be called before the library is loaded: OpenMP reads its environment once. A policy that somebody set stays.</summary>
    public static void PreferSleep()
    {
        // .NET keeps its own copy of the environment, which native code does not see.
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(Variable) is null) _ = SetVariable(Variable, "passive", overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
