using Serverless.Models;
using Serverless.Onnx.Files;
using Serverless.Problems;

namespace Serverless.Onnx;

/// <summary>What an ONNX file has to be so that a model's features can go in and its answers come out.</summary>
internal static class OnnxRules
{
    private static readonly string[] Domains = [OnnxReader.Standard, "ai.onnx.ml"];

    /// <exception cref="DataException">Operators that are not ONNX's own; the message names them.</exception>
    public static void RequireStandard(OnnxFile file, string fileName)
    {
        var custom = file.Operators.Where(o => !Domains.Contains(o.Domain) && !file.Functions.Contains(o)).Select(o => $"{o.Domain}.{o.Name}").Order(StringComparer.Ordinal).ToArray();
        if (custom.Length == 0) return;
        throw new DataException($"{fileName} has custom operators, which are not run here: {string.Join(", ", custom)}. Allowed are those of {string.Join(" and ", Domains)}; export the model without them");
    }

    /// <summary>Class names in the order of the file's columns: as the model file says, else as the file does.</summary>
    public static IReadOnlyList<string> Labels(ModelDefinition model, OnnxFile file, string fileName) => model.Onnx?.Classes ?? FileLabels(file) ?? throw new DataException(
        $"{fileName} does not name its classes. Name them in {model.File} in the order of its columns: 'onnx: {{ classes: [a, b, c] }}'");

    /// <exception cref="DataException">The file has other inputs or outputs; the message names both sides.</exception>
    public static (OnnxBinding Binding, OnnxNode? ZipMap) Bind(ModelDefinition model, OnnxFile file, string fileName, IReadOnlyList<string> features, IReadOnlyList<string> classes)
    {
        var inputs = Inputs(model, file, fileName, features);
        var (output, zipMap) = Output(model, file, fileName);
        var columns = model.Task switch
        {
            TaskKind.Regression => [0],
            TaskKind.Binary => [TrueColumn(model, file, fileName, output)],
            _ => Columns(model, file, fileName, classes),
        };
        return (new OnnxBinding(inputs, output.Name, columns, file.Inputs.Any(i => i.Shape is { Count: > 0 } s && s[0] == 1)), zipMap);
    }

    private static List<OnnxInput> Inputs(ModelDefinition model, OnnxFile file, string fileName, IReadOnlyList<string> features)
    {
        foreach (var input in file.Inputs)
        {
            if (input.Type is not (1 or 7 or 11)) throw new DataException($"{fileName}: input '{input.Name}' is {input.TypeName}; features are numbers, so it must be float, double or int64");
            if (input.Shape is { Count: > 0 } shape && shape[0] is > 1) throw new DataException($"{fileName}: input '{input.Name}' has shape {input.ShapeText}, {shape[0]} rows at a time; export it with a free number of rows");
        }

        if (file.Inputs is [var only] && !(features.Count == 1 && only.Name == features[0]))
        {
            var width = only.Shape is { Count: 2 } shape ? shape[1] : null;
            if (only.Shape is { Count: not 2 } || (width is { } w && w != features.Count))
            {
                throw new DataException($"{fileName}: input '{only.Name}' has shape {only.ShapeText}, and {model.File} has {features.Count} features ({string.Join(", ", features)}); expected [rows, {features.Count}], or one input for each feature");
            }

            return only.Type != 7 ? [new OnnxInput(only.Name, only.Type, features.Count, Flat: false)]
                : throw new DataException($"{fileName}: input '{only.Name}' is int64; one tensor for all features must be float or double");
        }

        var names = file.Inputs.Select(i => i.Name).ToArray();
        var (missing, more) = (features.Except(names).ToArray(), names.Except(features).ToArray());
        if (missing.Length > 0 || more.Length > 0)
        {
            var hint = more.Length > 0 && Suggest.Closest(more[0], missing) is { } close ? $" Did you mean '{close}' with '{more[0]}'?" : "";
            throw new DataException($"{fileName} has other inputs than {model.File} has features:"
                + (more.Length > 0 ? $" no feature for {string.Join(", ", more.Select(n => $"'{n}'"))}" : "")
                + (missing.Length > 0 ? $"{(more.Length > 0 ? ";" : "")} no input for {string.Join(", ", missing.Select(n => $"'{n}'"))}" : "") + $". They go together by name.{hint}");
        }

        return [.. features.Select(f =>
        {
            var input = file.Inputs.Single(i => i.Name == f);
            var flat = input.Shape is { Count: 1 };
            return flat || input.Shape is null || (input.Shape.Count == 2 && input.Shape[1] is null or 1) ? new OnnxInput(f, input.Type, 1, flat)
                : throw new DataException($"{fileName}: input '{f}' has shape {input.ShapeText}; one feature is [rows, 1] or [rows]");
        })];
    }

    private static (OnnxValue Output, OnnxNode? ZipMap) Output(ModelDefinition model, OnnxFile file, string fileName)
    {
        var candidates = new List<(OnnxValue Value, OnnxNode? ZipMap)>();
        foreach (var output in file.Outputs)
        {
            if (file.Nodes.FirstOrDefault(n => n.Name == "ZipMap" && n.Domain == "ai.onnx.ml" && n.Inputs.Count == 1 && n.Outputs.Contains(output.Name)) is { } zip) candidates.Add((new OnnxValue(zip.Inputs[0], 1, null), zip));
            else if (output.Type is 1 or 11) candidates.Add((output, null));
        }

        var found = string.Join(", ", file.Outputs.Select(o => $"'{o.Name}' ({o.TypeName} {o.ShapeText})"));
        if (model.Onnx?.Output is { } named)
        {
            var names = candidates.Select(c => c.ZipMap?.Outputs[0] ?? c.Value.Name).ToArray();
            var at = Array.IndexOf(names, named);
            return at >= 0 ? candidates[at] : throw new DataException($"{fileName} has no output '{named}' of numbers, which {model.File} names.{Suggest.Hint(named, names)}");
        }

        return candidates.Count switch
        {
            1 => candidates[0],
            0 => throw new DataException($"{fileName} has no output of floats; found {found}. Export the model with {(model.Task == TaskKind.Regression ? "its value" : "probabilities")}"),
            _ => throw new DataException($"{fileName} has several outputs of floats; found {found}. Name the one to read in {model.File}: 'onnx: {{ output: NAME }}'"),
        };
    }

    private static int TrueColumn(ModelDefinition model, OnnxFile file, string fileName, OnnxValue output)
    {
        if (output.Shape is { Count: 1 } or { Count: 2 } && output.Shape[^1] is 1) return 0;
        if (output.Shape is { Count: 2 } shape && shape[1] is { } columns and not 2) throw new DataException($"{fileName}: output '{output.Name}' has {columns} columns; a binary model has one or two");
        var labels = model.Onnx?.Classes ?? FileLabels(file);
        if (labels is null) return output.Shape is { Count: 1 } ? 0 : 1;
        string[] words = [.. labels.Select(l => l.ToLowerInvariant())];
        var at = words.Length != 2 ? -1 : words.Order(StringComparer.Ordinal).ToArray() switch
        {
            ["false", "true"] => Array.IndexOf(words, "true"),
            ["0", "1"] or ["-1", "1"] => Array.IndexOf(words, "1"),
            _ => -1,
        };
        return at >= 0 ? at : throw new DataException(
            $"{fileName} tells {string.Join(" and ", labels.Select(l => $"'{l}'"))} apart; a binary model's classes are false and true. Say in {model.File} which column is which: 'onnx: {{ classes: [false, true] }}'");
    }

    private static int[] Columns(ModelDefinition model, OnnxFile file, string fileName, IReadOnlyList<string> classes)
    {
        var labels = Labels(model, file, fileName);
        var (unknown, absent) = (classes.Except(labels).ToArray(), labels.Except(classes).ToArray());
        if (unknown.Length > 0 || absent.Length > 0 || labels.Count != classes.Count)
        {
            throw new DataException($"{fileName} knows the classes {string.Join(", ", labels)}, and the label of {model.File} has {string.Join(", ", classes)}; they must be the same. "
                + "Names for its columns, in their order: 'onnx: { classes: [a, b, c] }'");
        }

        return [.. classes.Select(c => labels.ToList().IndexOf(c))];
    }

    private static IReadOnlyList<string>? FileLabels(OnnxFile file) => file.Nodes.LastOrDefault(n => n.Labels is not null)?.Labels;
}
