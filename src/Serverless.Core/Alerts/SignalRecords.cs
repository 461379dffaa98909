using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Alerts;

/// <summary>
/// Signals in the record store, a batch in a record: what one step publishes costs two inserts, however much it is. Partition = UTC day for the history, and
/// <see cref="Fresh"/> for what no alert has taken in yet. The fresh copy is stored first: a process that dies between the two leaves a signal that is taken in and
/// published again, never one that is lost.
/// </summary>
internal sealed class SignalRecords(IRecordStore records, ILogger<SignalRecords>? logger = null) : ISignals
{
    private readonly ILogger log = logger ?? NullLogger<SignalRecords>.Instance;

    private const string Fresh = "_fresh";
    private const int KnownSchema = 1;
    private const int MaxBatch = 200;

    // A message may be long; a record may not.
    private const int MaxCharacters = RecordKey.MaxJson / 2;

    public async Task PublishAsync(IReadOnlyList<Signal> signals, CancellationToken cancel = default)
    {
        foreach (var day in signals.GroupBy(s => DateOnly.FromDateTime(s.At.UtcDateTime)))
        {
            foreach (var batch in Batches(day.DistinctBy(s => s.Sequence).OrderBy(s => s.Sequence, StringComparer.Ordinal)))
            {
                var row = Row(batch);
                if (await records.GetAsync(StoreNames.Tables.Signals, Day(day.Key), row, cancel) is not null) continue;
                var json = $"[{string.Join(',', batch.Select(b => b.Json))}]";
                await records.InsertAsync(StoreNames.Tables.Signals, Fresh, row, json, cancel);
                await records.InsertAsync(StoreNames.Tables.Signals, Day(day.Key), row, json, cancel);
            }
        }
    }

    public async IAsyncEnumerable<Signal> ReadAsync(DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var partition in records.PartitionsAsync(StoreNames.Tables.Signals, cancel))
        {
            if (!DateOnly.TryParseExact(partition, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day < from || day > to) continue;
            var found = new SortedDictionary<string, Signal>(StringComparer.Ordinal);
            await foreach (var stored in records.QueryAsync(StoreNames.Tables.Signals, partition, cancel: cancel))
            {
                foreach (var signal in Read(stored)) found.TryAdd(signal.Sequence, signal);
            }

            foreach (var signal in found.Values) yield return signal;
        }
    }

    /// <summary>Batches that no alert has taken in, oldest first, at most <paramref name="most"/>.</summary>
    public async Task<IReadOnlyList<FreshBatch>> FreshAsync(int most, CancellationToken cancel)
    {
        var found = new List<FreshBatch>();
        await foreach (var stored in records.QueryAsync(StoreNames.Tables.Signals, Fresh, cancel: cancel))
        {
            try
            {
                found.Add(new FreshBatch(stored.Row, Read(stored)));
            }
            catch (EnvironmentException e)
            {
                // Left for the version that can read it; what others published is not held up.
                AlertsLog.SignalUnread(log, e.Message);
            }

            if (found.Count == most) break;
        }

        return found;
    }

    /// <summary>Done with a batch: it stays in the history only.</summary>
    public Task TakenAsync(FreshBatch batch, CancellationToken cancel) => records.DeleteAsync(StoreNames.Tables.Signals, Fresh, batch.Row, cancel: cancel);

    private static IEnumerable<List<(Signal Signal, string Json)>> Batches(IEnumerable<Signal> signals)
    {
        var batch = new List<(Signal, string Json)>();
        var length = 0;
        foreach (var signal in signals)
        {
            var json = JsonSerializer.Serialize(signal, ServerlessJson.Options);
            if (batch.Count > 0 && (batch.Count == MaxBatch || length + json.Length > MaxCharacters))
            {
                yield return batch;
                (batch, length) = ([], 0);
            }

            batch.Add((signal, json));
            length += json.Length + 1;
        }

        if (batch.Count > 0) yield return batch;
    }

    // The first signal's time orders the batches; the identities of all make it the same for the same signals.
    private static string Row(List<(Signal Signal, string Json)> batch) =>
        batch[0].Signal.At.UtcDateTime.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture) + "-"
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', batch.Select(b => b.Signal.Sequence)))).AsSpan(0, 10));

    private static string Day(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static IReadOnlyList<Signal> Read(StoredRecord stored)
    {
        try
        {
            using var document = JsonDocument.Parse(stored.Json);
            var newest = document.RootElement.EnumerateArray().Select(s => s.TryGetProperty("schemaVersion", out var v) ? v.GetInt32() : 1).DefaultIfEmpty(1).Max();
            if (newest > KnownSchema)
            {
                throw new EnvironmentException($"signal '{stored.Row}' was written by a newer version (schemaVersion {newest}; this one reads up to {KnownSchema}). Update this installation.");
            }

            return document.Deserialize<Signal[]>(ServerlessJson.Options)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new EnvironmentException($"the record of signal '{stored.Row}' is damaged: {e.Message}", e);
        }
    }
}

/// <summary>What one step published.</summary>
internal sealed record FreshBatch(string Row, IReadOnlyList<Signal> Signals);
