using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Training;

namespace Serverless.Onnx;

public static class OnnxServices
{
    /// <summary>Adds the import of ONNX models. Those that are registered already are read through <see cref="OnnxFormat"/>, which a host adds (late, if it likes) as predictor format.</summary>
    public static IServiceCollection AddOnnxImport(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, OnnxImporter>());
        return services;
    }
}
