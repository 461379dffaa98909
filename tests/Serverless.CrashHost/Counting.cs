using Serverless.Storage;

namespace Serverless.CrashHost;

/// <summary>Increments a counter in an object and one in a record by compare-and-swap.</summary>
public static class Counting
{
    public const string Key = "data/crash/counter";

    internal static async Task RunAsync(IObjectStore objects, IRecordStore records, int times)
    {
        await objects.PutIfAbsentAsync(Key, new MemoryStream("0"u8.ToArray()));
        await records.InsertAsync(StoreNames.Tables.Runs, "counter", "counter", "0");
        for (var done = 0; done < times;)
        {
            var before = (await objects.HeadAsync(Key))!;
            using var reader = new StreamReader((await objects.OpenReadAsync(Key))!);
            var next = int.Parse(await reader.ReadToEndAsync()) + 1;
            if (await objects.ReplaceAsync(Key, new MemoryStream(System.Text.Encoding.ASCII.GetBytes($"{next}")), before.ETag) is not null) done++;
        }

        for (var done = 0; done < times;)
        {
            var before = (await records.GetAsync(StoreNames.Tables.Runs, "counter", "counter"))!;
            if (await records.ReplaceAsync(StoreNames.Tables.Runs, "counter", "counter", $"{int.Parse(before.Json) + 1}", before.ETag) is not null) done++;
        }
    }
}
