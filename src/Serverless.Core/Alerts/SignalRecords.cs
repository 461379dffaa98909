using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Alerts;

/// <summary>Signals in the record store: partition = UTC day, row = time of day and identity; inserted if absent.</summary>
internal sealed class SignalRecords(IRecordStore records) : ISignals
{
    private const int KnownSchema = 1;

    public async Task PublishAsync(IReadOnlyList<Signal> signals, CancellationToken cancel = default)
    {
        foreach (var signal in signals)
        {
            await records.InsertAsync(StoreNames.Tables.Signals, Day(DateOnly.FromDateTime(signal.At.UtcDateTime)), signal.Id,
                JsonSerializer.Serialize(signal, ServerlessJson.Options), cancel);
        }
    }

    public async IAsyncEnumerable<Signal> ReadAsync(DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            await foreach (var stored in records.QueryAsync(StoreNames.Tables.Signals, Day(day), cancel: cancel)) yield return Read(stored);
        }
    }

    private static string Day(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static Signal Read(StoredRecord stored)
    {
        var signal = JsonSerializer.Deserialize<Signal>(stored.Json, ServerlessJson.Options)!;
        return signal.SchemaVersion <= KnownSchema ? signal
            : throw new EnvironmentException($"signal '{stored.Row}' was written by a newer version (schemaVersion {signal.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation.");
    }
}
