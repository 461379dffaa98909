using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Explanations.Global;
using Serverless.Explanations.Methods;
using Serverless.Explanations.Sentences;
using Serverless.Monitoring;

namespace Serverless.Explanations;

public static class ExplanationsServices
{
    /// <summary>Methods that explain, languages that tell it.</summary>
    public static IServiceCollection AddExplanations(this IServiceCollection services)
    {
        services.AddReferences();
        Method<PathDependentTrees>(services);
        Method<InterventionalTrees>(services);
        Method<AdditiveTerms>(services);
        Method<SampledShapley>(services);
        Method<LocalSurrogate>(services);
        Language<EnglishSentences>(services);
        Language<FrenchSentences>(services);
        services.TryAddSingleton<VersionExplanations>();
        services.TryAddSingleton<IExplanations>(p => p.GetRequiredService<VersionExplanations>());
        services.TryAddSingleton<IGlobalExplanations, GlobalExplanations>();
        return services;
    }

    private static void Method<T>(IServiceCollection services) where T : class, IExplanationMethod => services.TryAddEnumerable(ServiceDescriptor.Singleton<IExplanationMethod, T>());

    private static void Language<T>(IServiceCollection services) where T : class, ISentenceLanguage => services.TryAddEnumerable(ServiceDescriptor.Singleton<ISentenceLanguage, T>());
}
