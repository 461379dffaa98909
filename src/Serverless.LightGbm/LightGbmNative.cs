using System.Runtime.InteropServices;

namespace Serverless.LightGbm;

/// <summary>The part of LightGBM's C API that we use (include/LightGBM/c_api.h, 4.7). Every function gives 0, or -1 with the reason in GetLastError.</summary>
internal static unsafe partial class LightGbmNative
{
    public const string Library = "lib_lightgbm";

    public const int Float32 = 0;
    public const int Float64 = 1;
    public const int Int32 = 2;
    public const int Int64 = 3;

    [LibraryImport(Library)]
    private static partial byte* LGBM_GetLastError();

    [LibraryImport(Library)]
    public static partial int LGBM_RegisterLogCallback(delegate* unmanaged[Cdecl]<byte*, void> callback);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_DatasetCreateFromMat(void* data, int dataType, int rows, int columns, int rowMajor, string parameters, nint reference, out nint handle);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_DatasetCreateFromCSR(void* indptr, int indptrType, int* indices, void* data, int dataType, long indptrCount, long elements,
        long columns, string parameters, nint reference, out nint handle);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_DatasetSetField(nint dataset, string name, void* data, int elements, int type);

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetSetFeatureNames(nint dataset, byte** names, int count);

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetFree(nint dataset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterCreate(nint dataset, string parameters, out nint handle);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterAddValidData(nint booster, nint dataset);

    /// <param name="data">0: training rows; 1: the first rows that were added.</param>
    [LibraryImport(Library)]
    public static partial int LGBM_BoosterGetEval(nint booster, int data, out int length, double* results);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterGetEvalCounts(nint booster, out int length);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterUpdateOneIter(nint booster, out int finished);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterSaveModelToString(nint booster, int startIteration, int iterations, int importance, long bufferLength, out long length, byte* buffer);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterLoadModelFromString(string model, out int iterations, out nint handle);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterPredictForMat(nint booster, void* data, int dataType, int rows, int columns, int rowMajor, int predictType,
        int startIteration, int iterations, string parameters, out long length, double* result);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterPredictForCSR(nint booster, void* indptr, int indptrType, int* indices, void* data, int dataType, long indptrCount,
        long elements, long columns, int predictType, int startIteration, int iterations, string parameters, out long length, double* result);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterFree(nint booster);

    /// <exception cref="LightGbmException">The call did not succeed.</exception>
    public static void Check(int result)
    {
        if (result == 0) return;
        throw new LightGbmException(Marshal.PtrToStringUTF8((nint)LGBM_GetLastError()) ?? "LightGBM failed without a reason");
    }

    /// <summary>LightGBM writes to the console unless somebody listens; its errors come as results anyway.</summary>
    public static void Silence() => Check(LGBM_RegisterLogCallback(&Ignore));

    [UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static void Ignore(byte* message)
    {
    }
}

/// <summary>What LightGBM itself said.</summary>
internal sealed class LightGbmException(string message) : Exception(message);
