using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Feedback;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Sources;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scheduling;

/// <summary>
/// The folder <c>landing/&lt;dataset&gt;/</c> of the workspace, where people put files by hand. A file that rests (the same size and time at two looks, and not just
/// written) is copied into the store's landing and removed from the folder; one that changed while it was copied stays, and is taken again when it rests.
/// </summary>
internal sealed class InboxFolder(Workspace workspace, IDropInbox inbox, SchedulingOptions options, TimeProvider time, ILogger<InboxFolder>? logger = null, IObjectStore? objects = null, FeedbackDrops? feedback = null, Scoring.IBatches? batches = null)
{
    private readonly ILogger log = logger ?? NullLogger<InboxFolder>.Instance;
    /// <summary>Looks at a file that somebody else holds before it is said: most hold it while they take it in.</summary>
    private const int LooksBeforeWarning = 30;

    private readonly Dictionary<string, int> locked = new(StringComparer.Ordinal);
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
            if (!workspace.Datasets.ContainsKey(folder.Name) && folder.Name == FeedbackDrops.Folder)
            {
                begun.AddRange(await FeedbackAsync(folder, seen, cancel));
                continue;
            }

            if (batches is not null && folder.Name == Scoring.ScoreInbox.Folder)
            {
                foreach (var model in folder.EnumerateDirectories().Where(d => !Ignored(d.Name)).OrderBy(d => d.Name, StringComparer.Ordinal)) begun.AddRange(await ToScoreAsync(model, batches, seen, cancel));
                continue;
            }

            if (!workspace.Datasets.ContainsKey(folder.Name))
            {
                WarnOnce(folder.FullName, () => SchedulingLog.UnknownFolder(log, folder.Name, Suggest.Hint(folder.Name, workspace.Datasets.Keys)));
                continue;
            }

            foreach (var file in folder.EnumerateFiles().Where(f => !Ignored(f.Name)).OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                seen.Add(file.FullName);
                if (Rests(file) && await TakeAsync(folder.Name, file, content => inbox.PutAsync(folder.Name, file.Name, content, "landing", cancel: cancel)) is { } run) begun.Add(run);
            }
        }

        foreach (var gone in before.Keys.Where(k => !seen.Contains(k)).ToArray()) before.Remove(gone);
        return begun;
    }

    /// <summary>The files of <c>landing/_score/&lt;model&gt;/</c>.</summary>
    private async Task<IReadOnlyList<string>> ToScoreAsync(DirectoryInfo folder, Scoring.IBatches batches, HashSet<string> seen, CancellationToken cancel)
    {
        if (!workspace.Models.ContainsKey(folder.Name))
        {
            WarnOnce(folder.FullName, () => SchedulingLog.UnknownFolder(log, $"{Scoring.ScoreInbox.Folder}/{folder.Name}", Suggest.Hint(folder.Name, workspace.Models.Keys)));
            return [];
        }

        var begun = new List<string>();
        foreach (var file in folder.EnumerateFiles().Where(f => !Ignored(f.Name)).OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            seen.Add(file.FullName);
            if (Rests(file) && await TakeAsync(folder.Name, file, content => batches.PutAsync(folder.Name, file.Name, content, cancel), SchedulingLog.TakenToScore, SchedulingLog.NotScored) is { } run) begun.Add(run);
        }

        return begun;
    }

    private static bool Ignored(string name) => FilePattern.Ignored(name);

    private bool Rests(FileInfo file)
    {
        var look = Look.At(file);
        var same = before.TryGetValue(file.FullName, out var last) && last == look;
        before[file.FullName] = look;
        return same && look.Written + options.Rests <= time.GetUtcNow().UtcDateTime;
    }

    /// <summary><c>landing/feedback/&lt;model&gt;/</c>: what came true of a model's predictions.</summary>
    private async Task<List<string>> FeedbackAsync(DirectoryInfo root, HashSet<string> seen, CancellationToken cancel)
    {
        var begun = new List<string>();
        foreach (var folder in root.EnumerateDirectories().Where(d => !Ignored(d.Name)).OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            if (objects is null || feedback is null || !workspace.Models.ContainsKey(folder.Name))
            {
                WarnOnce(folder.FullName, () => SchedulingLog.UnknownFolder(log, $"{root.Name}/{folder.Name}", Suggest.Hint(folder.Name, workspace.Models.Keys)));
                continue;
            }

            foreach (var file in folder.EnumerateFiles().Where(f => !Ignored(f.Name)).OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                seen.Add(file.FullName);
                var key = $"{StoreNames.Containers.Landing}/{FeedbackDrops.Folder}/{folder.Name}/{file.Name}";
                if (Rests(file) && await TakeAsync(folder.Name, file, async content => await feedback.AcceptAsync(folder.Name, await objects.PutAsync(ObjectKey.Check(key), content, cancel), "landing", cancel)) is { } run) begun.Add(run);
            }
        }

        return begun;
    }

    /// <param name="target">Dataset or model that it is for.</param>
    private async Task<string?> TakeAsync(string target, FileInfo file, Func<Stream, Task<string>> put, Action<ILogger, string, string, string>? taken = null, Action<ILogger, string, string, string>? notTaken = null)
    {
        try
        {
            var look = before[file.FullName];
            await using var content = Lock(target, file);
            if (content is null) return null;

            // Locked, but is it still the file of this name? Another process may have taken it between the look and the lock.
            file.Refresh();
            if (!file.Exists || Look.At(file) != look) return null;
            var run = await put(content);

            // Removed before it is unlocked, so that nobody takes it twice; unless it changed while it was copied.
            file.Refresh();
            if (file.Exists && Look.At(file) == look) file.Delete();
            (taken ?? SchedulingLog.Taken)(log, target, file.Name, run);
            said.TryRemove(file.FullName, out _);
            return run;
        }
        catch (Exception e) when (e is ServerlessException or IOException or UnauthorizedAccessException)
        {
            // Gone (another process took it), or a name that cannot be: it stays where it is, and nothing is lost.
            if (File.Exists(file.FullName)) WarnOnce(file.FullName, () => (notTaken ?? SchedulingLog.NotTaken)(log, target, file.Name, e.Message));
            return null;
        }
    }

    /// <summary>
    /// One process at a time takes a file: the lock is the operating system's, so it ends with the process, whatever becomes of it. Null while somebody else has it. Where locks do not
    /// exist (some network folders) two may take the same file; the second is stored as a duplicate, and nothing is lost.
    /// </summary>
    private FileStream? Lock(string dataset, FileInfo file)
    {
        try
        {
            // Windows lets only those delete an open file who shared it for that; elsewhere nothing shared is the exclusive lock.
            var content = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
            locked.Remove(file.FullName);
            return content;
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            if ((locked[file.FullName] = locked.GetValueOrDefault(file.FullName) + 1) == LooksBeforeWarning) WarnOnce(file.FullName, () => SchedulingLog.NotTaken(log, dataset, file.Name, e.Message));
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
