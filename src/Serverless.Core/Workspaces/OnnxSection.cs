using Serverless.Models;

namespace Serverless.Workspaces;

/// <summary>The <c>onnx</c> of a model file: <c>{ classes: [rain, sun], output: probabilities }</c>.</summary>
internal static class OnnxSection
{
    public static OnnxDefinition? Read(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("onnx", "a mapping, such as '{ classes: [rain, sun], output: probabilities }'") is not { } map) return null;
        var s = new Section(map, "onnx", parent.File, problems);
        var classes = s.Texts("classes", "a list of class names, such as [rain, sun]");
        if (classes is { Count: < 2 }) s.Error(s.At("classes"), "'classes' must name two classes at least.");
        if (classes is not null && classes.Distinct(StringComparer.Ordinal).Count() != classes.Count) s.Error(s.At("classes"), "'classes' names a class twice.");
        return new OnnxDefinition(classes, s.Text("output"));
    }
}
