using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Partitions;

/// <summary>What files in landing have in common, whatever run they are for.</summary>
internal static class LandedFiles
{
    /// <summary>
    /// The record of a file that was announced: this one, or that of whoever was first. It is written before the run, so one that dies between the two leaves a record whose run the next announcement starts.
    /// </summary>
    /// <param name="place">The dataset, or the folder that stands for something else.</param>
    /// <param name="what">As people call the file: drop, file.</param>
    public static async Task<DropRecord> ClaimAsync(IRecordStore records, string place, DropRecord mine, string what, CancellationToken cancel)
    {
        // Names of files may have characters that a record's key may not, so the key is a digest.
        var row = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{mine.Key}\n{mine.ETag}")))[..32];
        if (await records.InsertAsync(StoreNames.Tables.Drops, place, row, JsonSerializer.Serialize(mine, ServerlessJson.Options), cancel) is not null) return mine;
        var there = await records.GetAsync(StoreNames.Tables.Drops, place, row, cancel)
            ?? throw new EnvironmentException($"the record of {what} '{mine.Key}' vanished while it was read; try again.");
        return JsonSerializer.Deserialize<DropRecord>(there.Json, ServerlessJson.Options)!;
    }

    /// <param name="what">As people call the file: a drop, a file to be scored.</param>
    /// <exception cref="RequestException">The name would lead elsewhere.</exception>
    public static void RequirePlainName(string fileName, string what)
    {
        if (fileName.Length == 0 || fileName is "." or ".." || fileName.IndexOfAny(['/', '\\', ':']) >= 0 || fileName.Any(char.IsControl))
        {
            throw new RequestException($"'{ObjectKey.Shown(fileName)}' cannot be the name of {what}: it must be a plain file name, without path characters (/ \\ :).");
        }
    }
}
