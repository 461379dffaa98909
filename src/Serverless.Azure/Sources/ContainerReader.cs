using System.Globalization;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Secrets;
using Serverless.Sources;

namespace Serverless.Azure.Sources;

/// <summary>New and changed blobs of a container or a prefix. A blob is whole by nature; one that is replaced while it is read is taken at the next pull.</summary>
internal sealed class ContainerReader(ISourceLimits limits, SecretReader secrets) : ISourceReader
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public string Kind => "container";

    public async Task<Fetched> FetchAsync(FetchRequest request, CancellationToken cancel)
    {
        var source = (ContainerSource)request.Source;
        var container = await OpenAsync(source, cancel);
        var pattern = new FilePattern(source.Pattern);
        var (files, remarks, seen, left) = (new List<FetchedFile>(), new List<string>(), 0, source.MaxBytes);
        try
        {
            await foreach (var blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, source.Prefix, cancel))
            {
                var name = blob.Name[source.Prefix.Length..];
                if (!pattern.Matches(name)) continue;
                seen++;
                var tag = blob.Properties.ETag?.ToString();
                if (tag is null || (request.Files.TryGetValue(name, out var before) && before == tag)) continue;
                if ((left -= blob.Properties.ContentLength ?? 0) < 0) throw new SourceException($"the new blobs have more than {source.MaxBytes} bytes (maxSize), reached at '{blob.Name}'. Pull more often, or raise maxSize.");
                request.Progress?.Report(new RunProgress($"reading {name}", null));
                var copy = Path.Combine(request.Folder, files.Count.ToString(CultureInfo.InvariantCulture));
                if (await DownloadAsync(request, container.GetBlobClient(blob.Name), blob.Properties.ETag!.Value, copy, cancel) is { } why)
                {
                    remarks.Add($"{name} {why}; it is taken at a later pull.");
                    continue;
                }

                files.Add(new FetchedFile
                {
                    Path = copy, Name = FilePattern.DropName(source.Name, name), FileName = name, FileTag = tag, Append = source.Appends,
                    Origin = new DropOrigin { Source = source.Name, Kind = Kind, Run = request.Run, Address = $"{container.Uri.GetLeftPart(UriPartial.Path)}/{blob.Name}", ETag = tag },
                });
            }
        }
        catch (RequestFailedException e)
        {
            throw new SourceException($"container '{source.Container}': {(e.Status == 0 ? e.Message.Split('\n')[0] : $"{e.Status} {e.ErrorCode}")}. "
                + (e.Status is 401 or 403 ? "The identity needs the role 'Storage Blob Data Reader' on it." : e.Status == 404 ? "Check the names of account and container." : ""), e);
        }

        return new Fetched { Files = files, Mark = request.Mark, Remarks = remarks, NothingNew = files.Count > 0 ? null : $"no new blob among {seen}" };
    }

    /// <summary>Null when the blob of that tag was read whole; otherwise what became of it.</summary>
    private async Task<string?> DownloadAsync(FetchRequest request, BlobClient blob, ETag tag, string path, CancellationToken cancel)
    {
        await using var place = await limits.EnterAsync(request.Dataset.Name, request.Source, request.Run, request.Source.Timeout + Grace, cancel);
        using var late = new CancellationTokenSource(request.Source.Timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            using var answer = await blob.DownloadToAsync(path, new BlobDownloadToOptions { Conditions = new BlobRequestConditions { IfMatch = tag } }, either.Token);
            return null;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return e.Status == 404 ? "was removed while it was read" : "was replaced while it was read";
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new SourceException($"'{blob.Name}' was not read whole within {request.Source.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s.", e);
        }
    }

    private async Task<BlobContainerClient> OpenAsync(ContainerSource source, CancellationToken cancel)
    {
        var options = new BlobClientOptions();
        options.Diagnostics.IsLoggingEnabled = false;
        if (source.Account is { } account) return new BlobContainerClient(new Uri($"https://{account}.blob.core.windows.net/{source.Container}"), new DefaultAzureCredential(), options);
        try
        {
            return new BlobContainerClient(await secrets.GetAsync(source.Connection!, cancel), source.Container, options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            // The value is a secret, so the message does not show it.
            throw new SourceException($"what '{source.Connection}' holds is no connection string of a storage account.");
        }
    }
}
