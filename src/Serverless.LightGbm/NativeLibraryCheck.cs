using System.Runtime.InteropServices;
using Serverless.Problems;

namespace Serverless.LightGbm;

/// <summary>Loads LightGBM's native library, and says what to install where it does not load.</summary>
internal static class NativeLibraryCheck
{
    private static readonly object Gate = new();
    private static bool loaded;

    /// <summary>Does nothing when the library is loaded already.</summary>
    /// <exception cref="EnvironmentException">It cannot be loaded; the message names the remedy for this machine.</exception>
    public static void Ensure()
    {
        if (loaded) return;
        lock (Gate)
        {
            if (loaded) return;
            OpenMpWaiting.PreferSleep();
            Ensure(name => NativeLibrary.Load(name, typeof(NativeLibraryCheck).Assembly, null));
            loaded = true;
        }
    }

    internal static void Ensure(Func<string, nint> load)
    {
        try
        {
            load(LightGbmNative.Library);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new EnvironmentException(Explain(e.Message), e);
        }
    }

    private static string Explain(string reason) => RuntimeInformation.ProcessArchitecture != Architecture.X64
        ? $"LightGBM's native library exists for x64 processors only, this one is {RuntimeInformation.ProcessArchitecture}. Use trainer 'fasttree' instead."
        : "LightGBM's native library cannot be loaded; it needs the OpenMP runtime. Install it:\n"
            + "  Debian, Ubuntu:  apt-get install libgomp1\n"
            + "  Fedora, RHEL:    dnf install libgomp\n"
            + "  Alpine:          not supported (the library is built for glibc); use a Debian image, or trainer 'fasttree'\n"
            + "  macOS:           brew install libomp\n"
            + $"The loader said: {reason.Split('\n')[0].Trim()}";
}
