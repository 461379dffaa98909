using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Scheduling;

/// <summary>
/// The folder <c>landing/&lt;dataset&gt;/</c> of the workspace, where people put files by hand. A file that rests (the same size and time at two looks, and not just
/// written) is copied into the store's landing and removed from the folder; one that changed while it was copied stays, and is taken again when it rests.
/// </summary>
internal sealed class InboxFolder(Workspace workspace, IDropInbox inbox, SchedulingOptions options, TimeProvider time, ILogger<InboxFolder>? logger = null)
{
    private static readonly string[] Unfinished = [".tmp", ".part", ".partial", ".crdownload", ".download", ".swp", "~"];

    private readonly ILogger log = logger ?? NullLogger<InboxFolder>.Instance;
    private readonly Dictionary<string, Look> before = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> said = new(StringComparer.Ordinal);

    /// <summary>Takes what rests. Returns the runs that began.</summary>
    public async Task<IReadOnlyList<string>> TickAsync(CancellationToken cancel)
    {
        var root = new DirectoryInfo(Path.Combine(workspace.Root, "landing"));
        var begun = new List<string>();
        if (!root.Exists) return begun;
        foreach (var file in root.EnumerateFiles().Where(f => !Ignored(f.Name)))
        {
            WarnOnce(file.FullName, () => SchedulingLog.LooseFile(log, file.Name));
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in root.EnumerateDirectories().Where(d => !Ignored(d.Name)).OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            if (!workspace.Datasets.ContainsKey(folder.Name))
            {
                WarnOnce(folder.FullName, () => SchedulingLog.UnknownFolder(log, folder.Name, Suggest.Hint(folder.Name, workspace.Datasets.Keys)));
                continue;
            }

            foreach (var file in folder.EnumerateFiles().Where(f => !Ignored(f.Name)).OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                seen.Add(file.FullName);
                if (Rests(file) && await TakeAsync(folder.Name, file, cancel) is { } run) begun.Add(run);
            }
        }

        foreach (var gone in before.Keys.Where(k => !seen.Contains(k)).ToArray()) before.Remove(gone);
        return begun;
    }

    private static bool Ignored(string name) => name.StartsWith('.') || Unfinished.Any(u => name.EndsWith(u, StringComparison.OrdinalIgnoreCase));

    private bool Rests(FileInfo file)
    {
        var look = Look.At(file);
        var same = before.TryGetValue(file.FullName, out var last) && last == look;
        before[file.FullName] = look;
        return same && look.Written + options.Rests <= time.GetUtcNow().UtcDateTime;
    }

    private async Task<string?> TakeAsync(string dataset, FileInfo file, CancellationToken cancel)
    {
        try
        {
            var look = before[file.FullName];
            string run;
            await using (var content = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            {
                run = await inbox.PutAsync(dataset, file.Name, content, "landing", cancel: cancel);
            }

            file.Refresh();
            if (file.Exists && Look.At(file) == look) file.Delete();
            SchedulingLog.Taken(log, dataset, file.Name, run);
            said.TryRemove(file.FullName, out _);
            return run;
        }
        catch (Exception e) when (e is ServerlessException or IOException or UnauthorizedAccessException)
        {
            // Gone (another process took it), locked, or a name that cannot be: it stays where it is, and nothing is lost.
            if (File.Exists(file.FullName)) WarnOnce(file.FullName, () => SchedulingLog.NotTaken(log, dataset, file.Name, e.Message));
            return null;
        }
    }

    private void WarnOnce(string about, Action warn)
    {
        if (said.TryAdd(about, true)) warn();
    }

    private readonly record struct Look(long Size, DateTime Written)
    {
        public static Look At(FileInfo file) => new(file.Length, file.LastWriteTimeUtc);
    }
}
