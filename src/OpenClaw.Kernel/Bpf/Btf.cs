using System.Buffers.Binary;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Bpf;

/// <summary>
/// Finds types and offsets in the kernel's description of its own types (Documentation/bpf/btf.rst). The file has 5 MB,
/// so it is read in small parts, several times, and nothing of it is kept.
/// </summary>
static class Btf
{
    /// <summary>The file below the mount of sysfs.</summary>
    public const string File = "kernel/btf/vmlinux";

    const ushort Magic = 0xeb9f;
    const int HeaderLength = 24;

    /// <summary>The limit on structures without a name inside one another.</summary>
    const int DepthAtMost = 8;

    /// <summary>Finds facts in a file. See <see cref="Find(Stream, string[], string[])"/>.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="wanted">The names.</param>
    /// <param name="optional">Names that some kernels lack.</param>
    public static Reading<Dictionary<string, int>> Find(string path, string[] wanted, params string[] optional)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var found = Find(file, wanted, optional);
            return found.Missing is { } missing ? missing with { Detail = $"{path}: {missing.Detail}" } : found;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Missing(Absence.NotPresent, $"{path}: the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)");
        }
        catch (UnauthorizedAccessException)
        {
            return Missing.FromErrno(Errno.EACCES, path, KernelCall.File);
        }
        catch (IOException error)
        {
            return new Missing(Absence.Failed, $"{path}: {error.Message}");
        }
    }

    /// <summary>
    /// Finds facts. The name of a type definition or function gives its number, and so does "struct structure".
    /// "structure.member" gives the offset of the member in bytes, also where it is in structures without a name.
    /// Missing where a wanted one is not found.
    /// </summary>
    public static Reading<Dictionary<string, int>> Find(Stream file, string[] wanted, params string[] optional)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        if (
            file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength
            || BinaryPrimitives.ReadUInt16LittleEndian(header) != Magic
        )
        {
            return new Missing(Absence.Malformed, "expected BTF of this machine's byte order");
        }

        var start = Word(header, 1);
        var search = new BtfSearch([.. wanted, .. optional]);
        var isWhole =
            start + Word(header, 2) + Word(header, 3) <= file.Length
            && start + Word(header, 4) + Word(header, 5) <= file.Length
            && search.ReadNames(new(file, start + Word(header, 4), Word(header, 5)));
        for (var depth = 0; depth < DepthAtMost && isWhole && search.IsUnfinished; depth++)
            isWhole = search.ReadTypes(new(file, start + Word(header, 2), Word(header, 3)));
        if (!isWhole)
            return new Missing(Absence.Malformed, "expected whole BTF, found an incomplete or unknown type");
        return Array.Find(wanted, name => !search.Found.ContainsKey(name)) is { } none ? Lacks(none) : search.Found;
    }

    /// <summary>The reason where a fact is not found.</summary>
    public static Missing Lacks(string name) => new(Absence.NotPresent, $"this kernel's BTF has no {name}");

    /// <summary>Returns a field of struct btf_header, in words of 4 bytes.</summary>
    static long Word(ReadOnlySpan<byte> header, int index) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[(index * sizeof(uint))..]);
}
