using Serverless.Storage;

namespace Serverless.CrashHost;

/// <summary>Writes to all three ports until killed, and says on standard output what has been acknowledged.</summary>
public static class Writing
{
    public static string ObjectKey(string writer, int n) => $"data/crash/{writer}/{n:d6}.bin";

    /// <summary>Objects of a group, which are written together.</summary>
    public const int GroupSize = 5;

    public static string GroupKey(string writer, int n, int member) => $"data/crash-groups/{writer}/{n:d6}/{member % 2}/{member}.bin";

    public static string LatestKey(string writer) => $"runs/crash/{writer}";

    /// <summary>What object number n of a writer holds: a function of both, so that a reader can tell a whole object from a torn one.</summary>
    public static byte[] Content(string writer, int n)
    {
        var random = new Random(HashCode(writer) ^ n);
        var bytes = new byte[random.Next(0, 300_000)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A text whose every line is the same number: two versions mixed, or one cut, show.</summary>
    public static string Latest(int n) => string.Concat(Enumerable.Repeat($"{n:d9}\n", 3_000));

    internal static async Task RunAsync(IObjectStore objects, IRecordStore records, IWorkQueue queue, string writer)
    {
        var acknowledged = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        for (var n = 0; ; n++)
        {
            await objects.PutIfAbsentAsync(ObjectKey(writer, n), new MemoryStream(Content(writer, n)));
            acknowledged.WriteLine($"object {n}");
            var group = n;
            await objects.PutAllIfAbsentAsync([.. Enumerable.Range(0, GroupSize).Select(m => new NewObject(GroupKey(writer, group, m), () => new MemoryStream(Content(writer, group + m))))]);
            acknowledged.WriteLine($"group {n}");
            await objects.PutAsync(LatestKey(writer), new MemoryStream(System.Text.Encoding.ASCII.GetBytes(Latest(n))));
            acknowledged.WriteLine($"latest {n}");
            await records.InsertAsync(StoreNames.Tables.Runs, writer, $"{n:d6}", $"{n}");
            acknowledged.WriteLine($"record {n}");
            await records.UpsertAsync(StoreNames.Tables.Audit, writer, "latest", $"{n}");
            acknowledged.WriteLine($"upsert {n}");
            await queue.EnqueueAsync(StoreNames.Queues.Work, $"{writer}:{n}");
            acknowledged.WriteLine($"message {n}");
        }
    }

    // string.GetHashCode differs from process to process.
    private static int HashCode(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
