using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Training;

/// <summary>Brings in models that were trained elsewhere. Under its name as trainer a model file says that its model is imported and never trained here.</summary>
public interface IModelImporter : ITrainer
{
    /// <summary>Reads a file of this machine, with what it keeps in other files of its folder, and checks what can be checked without a model file.</summary>
    /// <exception cref="Problems.DataException">Not such a file, damaged, or with parts that are not run; the message names the file and what is wrong.</exception>
    ImportFile Open(string path);

    /// <summary>The classes that the file knows, in the order of its answers; empty for regression.</summary>
    /// <exception cref="Problems.DataException">Neither the file nor the model file names them.</exception>
    IReadOnlyList<string>? Classes(ModelDefinition model, ImportFile file, string fileName);

    /// <summary>The predictor, after its inputs, outputs and answers were checked.</summary>
    /// <param name="classes">In the order in which the predictor answers.</param>
    /// <param name="rows">Rows to try it on, perhaps none; its slots are the model's features.</param>
    /// <exception cref="Problems.DataException">Its inputs are not the model's features, or its answers not those of the task.</exception>
    IPredictor Import(ModelDefinition model, ImportFile file, string fileName, IReadOnlyList<string> classes, FeatureMatrix rows);
}

/// <param name="Content">One file that needs no other.</param>
/// <param name="Origin">Which program wrote it, and in what version of the format.</param>
public sealed record ImportFile(byte[] Content, string Origin);

/// <summary>A model that is to be registered rather than trained: kept in the store before the run begins.</summary>
/// <param name="Key">Object key of its content.</param>
/// <param name="FileName">Name that the file had.</param>
/// <param name="Sha256">Of the content.</param>
public sealed record ImportedModel(string Key, string FileName, string Sha256, string Origin)
{
    /// <summary>For the lineage.</summary>
    public IReadOnlyDictionary<string, string> Settings() => new Dictionary<string, string> { ["file"] = FileName, ["sha256"] = Sha256, ["origin"] = Origin };
}
