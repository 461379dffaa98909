using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Storage;

namespace Serverless.Replay;

/// <summary>Which replay deals with which quarantine file, so that two at once do not both store a row. The claim of a run that ended is free: what it left is as it was.</summary>
internal sealed class QuarantineClaims(IRecordStore records, IRunEngine runs, TimeProvider time)
{
    /// <returns>False when another run, that goes on, has it.</returns>
    public async Task<bool> ClaimAsync(string dataset, ObjectInfo file, string run, string by, CancellationToken cancel)
    {
        var row = "quarantine-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{file.Key}\n{file.ETag}")))[..32];
        var mine = JsonSerializer.Serialize(new DropRecord { Key = file.Key, ETag = file.ETag, Run = run, By = by, ArrivedAt = time.GetUtcNow() }, ServerlessJson.Options);
        if (await records.InsertAsync(StoreNames.Tables.Drops, dataset, row, mine, cancel) is not null) return true;
        if (await records.GetAsync(StoreNames.Tables.Drops, dataset, row, cancel) is not { } there) return false;
        var holder = JsonSerializer.Deserialize<DropRecord>(there.Json, ServerlessJson.Options)!.Run;
        if (holder == run) return true;
        return await runs.FindAsync(holder, cancel) is null or { Status: not RunStatus.Running }
            && await records.ReplaceAsync(StoreNames.Tables.Drops, dataset, row, mine, there.ETag, cancel) is not null;
    }
}
