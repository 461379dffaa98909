using System.Globalization;

/// <summary>
/// Loaded by the runtime into a server that is measured (DOTNET_STARTUP_HOOKS, which prescribes this name without a namespace): writes every half second what the collector knows into a file.
/// </summary>
internal static class StartupHook
{
    public const string Variable = "SERVERLESS_BENCH_GC";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path) return;
        new Thread(() =>
        {
            while (true)
            {
                var info = GC.GetGCMemoryInfo();
                File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture,
                    $"{GC.GetTotalAllocatedBytes()} {GC.CollectionCount(0)} {GC.CollectionCount(2)} {info.TotalCommittedBytes} {info.HeapSizeBytes} {info.FragmentedBytes}"));
                Thread.Sleep(500);
            }
        }) { IsBackground = true, Name = "bench" }.Start();
    }
}
