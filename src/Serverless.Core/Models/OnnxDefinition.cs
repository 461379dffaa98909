namespace Serverless.Models;

/// <summary>What an imported ONNX file does not say itself.</summary>
/// <param name="Classes">Names of its columns of probabilities, in their order; null = as the file says.</param>
/// <param name="Output">The output to read; null = the only one that holds numbers.</param>
public sealed record OnnxDefinition(IReadOnlyList<string>? Classes, string? Output);
