namespace Serverless.Onnx.Files;

/// <summary>
/// The same model as one file that answers in plain tensors: values of other files put in, ZipMap (which makes a dictionary for every row) taken out so that its input is the output, and our
/// binding among the metadata. Any ONNX runtime reads the result.
/// </summary>
internal static class OnnxRewrite
{
    private const int MetadataField = 14;
    private const string BindingKey = "serverless.binding";

    /// <param name="data">The bytes of an external tensor.</param>
    /// <param name="zipMap">The ZipMap to take out; null when there is none.</param>
    public static byte[] Run(ReadOnlySpan<byte> bytes, Func<OnnxExternal, byte[]> data, OnnxFile file, OnnxNode? zipMap, string binding)
    {
        var model = new WireWriter();
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number == 7) model.Bytes(7, Graph(field.Bytes, data, file, zipMap));
            else if (field.Number != MetadataField || OnnxReader.Entry(field.Bytes).Key != BindingKey) model.Copy(field);
        }

        return model.Bytes(MetadataField, new WireWriter().Text(1, BindingKey).Text(2, binding).ToArray()).ToArray();
    }

    /// <summary>Our binding among the metadata of a stored file; null when it is not there.</summary>
    public static string? Binding(ReadOnlySpan<byte> bytes)
    {
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number == MetadataField && OnnxReader.Entry(field.Bytes) is { Key: BindingKey } entry) return entry.Value;
        }

        return null;
    }

    private static byte[] Graph(ReadOnlySpan<byte> bytes, Func<OnnxExternal, byte[]> data, OnnxFile file, OnnxNode? zipMap)
    {
        var graph = new WireWriter();
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            switch (field.Number)
            {
                case 1 when zipMap is not null && Texts(field.Bytes, 2).SequenceEqual(zipMap.Outputs): break;
                case 12 when zipMap is not null && Texts(field.Bytes, 1).FirstOrDefault() == zipMap.Outputs[0]:
                    // Only its element type: rows and columns are as they come.
                    var type = new WireWriter().Bytes(1, new WireWriter().Number(1, 1).ToArray()).ToArray();
                    graph.Bytes(12, new WireWriter().Text(1, zipMap.Inputs[0]).Bytes(2, type).ToArray());
                    break;
                case 5 when External(file, field.Bytes) is { } external: graph.Bytes(5, Tensor(field.Bytes, data(external))); break;
                default: graph.Copy(field); break;
            }
        }

        return graph.ToArray();
    }

    private static byte[] Tensor(ReadOnlySpan<byte> bytes, byte[] values)
    {
        var tensor = new WireWriter();
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number is not (9 or 13 or 14)) tensor.Copy(field);
        }

        return tensor.Bytes(9, values).ToArray();
    }

    private static OnnxExternal? External(OnnxFile file, ReadOnlySpan<byte> tensor)
    {
        var name = Texts(tensor, 8).FirstOrDefault() ?? "";
        return file.External.FirstOrDefault(e => e.Graph && e.Tensor == name);
    }

    private static List<string> Texts(ReadOnlySpan<byte> bytes, int number)
    {
        var texts = new List<string>();
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number == number) texts.Add(field.Text);
        }

        return texts;
    }
}
