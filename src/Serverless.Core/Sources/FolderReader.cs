using System.Globalization;
using Serverless.Partitions;
using Serverless.Runs;

namespace Serverless.Sources;

/// <summary>New and changed files of a folder. A file that is still being written (written just now, or changed while it was copied) waits for the next pull.</summary>
internal sealed class FolderReader(TimeProvider time) : ISourceReader
{
    public string Kind => "folder";

    public async Task<Fetched> FetchAsync(FetchRequest request, CancellationToken cancel)
    {
        var source = (FolderSource)request.Source;
        if (!Directory.Exists(source.Path)) throw new SourceException($"the folder '{source.Path}' does not exist, or may not be read.");
        var pattern = new FilePattern(source.Pattern);
        var (files, remarks, seen) = (new List<FetchedFile>(), new List<string>(), 0);
        var left = source.MaxBytes;
        foreach (var path in Paths(source).Where(p => pattern.Matches(p)).Order(StringComparer.Ordinal))
        {
            cancel.ThrowIfCancellationRequested();
            seen++;
            var file = new FileInfo(System.IO.Path.Combine(source.Path, path));
            var tag = Tag(file);
            if (tag is null || (request.Files.TryGetValue(path, out var before) && before == tag)) continue;
            if (file.LastWriteTimeUtc + source.Rests > time.GetUtcNow().UtcDateTime)
            {
                remarks.Add($"{path} was written less than {source.Rests.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s ago; it is taken at a later pull.");
                continue;
            }

            if ((left -= file.Length) < 0) throw new SourceException($"the new files have more than {source.MaxBytes} bytes (maxSize), reached at '{path}'. Pull more often, or raise maxSize.");
            request.Progress?.Report(new RunProgress($"copying {path}", null));
            var copy = System.IO.Path.Combine(request.Folder, files.Count.ToString(CultureInfo.InvariantCulture));
            if (!await CopyAsync(file, copy, tag, cancel))
            {
                remarks.Add($"{path} changed while it was copied; it is taken at a later pull.");
                continue;
            }

            files.Add(new FetchedFile
            {
                Path = copy, Name = FilePattern.DropName(source.Name, path), FileName = path, FileTag = tag, Append = source.Appends,
                Origin = new DropOrigin { Source = source.Name, Kind = Kind, Run = request.Run, Address = $"file:{path}", LastModified = file.LastWriteTimeUtc.ToString("O", CultureInfo.InvariantCulture), ETag = tag },
            });
        }

        return new Fetched { Files = files, Mark = request.Mark, Remarks = remarks, NothingNew = files.Count > 0 ? null : $"no new file among {seen}" };
    }

    private static IEnumerable<string> Paths(FolderSource source)
    {
        try
        {
            return [.. Directory.EnumerateFiles(source.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })
                .Select(p => System.IO.Path.GetRelativePath(source.Path, p).Replace(System.IO.Path.DirectorySeparatorChar, '/'))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"the folder '{source.Path}' cannot be read: {e.Message}", e);
        }
    }

    private static string? Tag(FileInfo file)
    {
        file.Refresh();
        return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file.Length}-{file.LastWriteTimeUtc.Ticks}") : null;
    }

    private static async Task<bool> CopyAsync(FileInfo file, string copy, string tag, CancellationToken cancel)
    {
        try
        {
            await using (var from = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            await using (var to = new FileStream(copy, FileMode.CreateNew)) await from.CopyToAsync(to, cancel);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"'{file.Name}' cannot be read: {e.Message}", e);
        }

        return Tag(file) == tag;
    }
}
