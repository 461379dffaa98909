using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Storage;

namespace Serverless.Azure;

/// <summary>
/// One write of one blob. Up to one block in a single request; more in blocks, of which at most a few are in memory.
/// </summary>
/// <param name="writer">
/// Unique to this write, of fixed length. It names the blocks (the SDK's own block names repeat from writer to writer, so that two writers of one blob would commit
/// each other's bytes), and it stays in the blob's metadata: when an answer is lost and the repeated request finds the blob taken, it tells whether by us.
/// </param>
internal sealed class BlobUpload(BlobClient blob, string key, string writer, BlobRequestConditions? conditions)
{
    internal const int Block = 8 << 20;
    private const int InFlight = 3;
    private const string WriterName = "writer";

    private readonly Dictionary<string, string> metadata = new() { [WriterName] = writer };

    /// <summary>The new object, or null when the conditions did not hold.</summary>
    public async Task<ObjectInfo?> SendAsync(Stream content, CancellationToken cancel)
    {
        var first = await ReadBlockAsync(content, cancel);
        try
        {
            return first.Length < Block ? await SendWholeAsync(first, cancel) : await SendBlocksAsync(first, content, cancel);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412 || e.ErrorCode == "InvalidBlockList" || (e.Status == 404 && e.ErrorCode != "ContainerNotFound"))
        {
            return await MineAsync(cancel);
        }
    }

    private async Task<ObjectInfo?> SendWholeAsync(MemoryStream whole, CancellationToken cancel)
    {
        var size = whole.Length;
        var options = new BlobUploadOptions { Conditions = conditions, Metadata = metadata, TransferOptions = new() { InitialTransferSize = Block, MaximumTransferSize = Block } };
        var answer = (await blob.UploadAsync(whole, options, cancel)).Value;
        return new ObjectInfo(key, size, answer.ETag.ToString("H"), answer.LastModified);
    }

    private async Task<ObjectInfo?> SendBlocksAsync(MemoryStream first, Stream content, CancellationToken cancel)
    {
        // Look before sending gigabytes: the condition itself is checked only when the blocks are committed.
        if (conditions?.IfNoneMatch is not null && await blob.ExistsAsync(cancel)) return null;
        var blocks = blob.GetParentBlobContainerClient().GetBlockBlobClient(blob.Name);
        var names = new List<string>();
        var sending = new List<Task>();
        var size = 0L;
        try
        {
            for (var block = first; block.Length > 0; block = await ReadBlockAsync(content, cancel))
            {
                size += block.Length;
                var name = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{writer}-{names.Count:d6}"));
                names.Add(name);
                sending.Add(blocks.StageBlockAsync(name, block, cancellationToken: cancel));
                if (sending.Count < InFlight) continue;
                await sending[0];
                sending.RemoveAt(0);
            }
        }
        finally
        {
            await Task.WhenAll(sending);
        }

        var answer = (await blocks.CommitBlockListAsync(names, new CommitBlockListOptions { Conditions = conditions, Metadata = metadata }, cancel)).Value;
        return new ObjectInfo(key, size, answer.ETag.ToString("H"), answer.LastModified);
    }

    private async Task<ObjectInfo?> MineAsync(CancellationToken cancel)
    {
        try
        {
            var present = (await blob.GetPropertiesAsync(cancellationToken: cancel)).Value;
            return present.Metadata.TryGetValue(WriterName, out var by) && by == writer ? BlobObjectStore.Info(key, present) : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private static async Task<MemoryStream> ReadBlockAsync(Stream content, CancellationToken cancel)
    {
        // Small objects are the most: begin small, grow only when there is more.
        var block = new MemoryStream(content.CanSeek ? (int)Math.Clamp(content.Length - content.Position, 0, Block) : 1 << 16);
        var buffer = new byte[1 << 16];
        while (block.Length < Block)
        {
            var count = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, Block - block.Length)), cancel);
            if (count == 0) break;
            block.Write(buffer, 0, count);
        }

        block.Position = 0;
        return block;
    }
}
