using Serverless.Onnx.Files;
using Serverless.Problems;

namespace Serverless.Onnx;

/// <summary>Values that an ONNX file keeps in other files: read only from the folder of the file itself and below.</summary>
internal static class ExternalData
{
    private const long MostBytes = 1_500_000_000;

    /// <exception cref="DataException">A place outside the folder, a file that is not there or too short, or values that cannot be put into the model.</exception>
    public static Func<OnnxExternal, byte[]> In(string folder, string fileName, OnnxFile file)
    {
        foreach (var tensor in file.External) Check(folder, fileName, tensor);
        return tensor => Read(PathOf(folder, tensor), fileName, tensor);
    }

    private static void Check(string folder, string fileName, OnnxExternal tensor)
    {
        if (!tensor.Graph) throw new DataException($"{fileName}: tensor '{tensor.Tensor}' within an operator keeps its values in '{tensor.Location}'; save the model as one file");
        var (root, path) = (Real(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, PathOf(folder, tensor));
        if (tensor.Location.Length == 0 || Path.IsPathRooted(tensor.Location) || !path.StartsWith(root, StringComparison.Ordinal) || !Real(path).StartsWith(root, StringComparison.Ordinal))
        {
            throw new DataException($"{fileName}: tensor '{tensor.Tensor}' keeps its values in '{tensor.Location}', which is outside the folder of the model; nothing outside is read");
        }

        if (!File.Exists(path)) throw new DataException($"{fileName}: tensor '{tensor.Tensor}' keeps its values in '{tensor.Location}', which is not beside the model");
    }

    private static string PathOf(string folder, OnnxExternal tensor) => Path.GetFullPath(tensor.Location, Real(Path.GetFullPath(folder)));

    // Where links lead counts, not where they lie: each folder on the way may be one.
    private static string Real(string path)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            real = (info.LinkTarget is null ? null : info.ResolveLinkTarget(returnFinalTarget: true))?.FullName ?? next;
        }

        return real.TrimEnd(Path.DirectorySeparatorChar);
    }

    private static byte[] Read(string path, string fileName, OnnxExternal tensor)
    {
        using var stream = File.OpenRead(path);
        var length = tensor.Length ?? stream.Length - tensor.Offset;
        if (length < 0 || length > MostBytes || tensor.Offset + length > stream.Length)
        {
            throw new DataException($"{fileName}: tensor '{tensor.Tensor}' asks for {length} bytes from {tensor.Offset} of '{tensor.Location}', which has {stream.Length}");
        }

        var bytes = new byte[length];
        stream.Position = tensor.Offset;
        stream.ReadExactly(bytes);
        return bytes;
    }
}
