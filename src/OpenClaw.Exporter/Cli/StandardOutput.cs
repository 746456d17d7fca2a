using System.Runtime.InteropServices;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Cli;

/// <summary>The failure of a write to the output.</summary>
/// <param name="error">The errno value of write(2).</param>
sealed class OutputException(int error) : IOException(Marshal.GetPInvokeErrorMessage(error))
{
    /// <summary>True when the output has no reader any more.</summary>
    public bool IsBrokenPipe => error == InheritedDescriptor.BrokenPipe;
}

/// <summary>
/// A standard output that throws <see cref="OutputException"/> on every failure. The console's own stream ignores a
/// broken pipe, so the program would not detect it.
/// </summary>
/// <param name="descriptor">The descriptor to write to.</param>
sealed class StandardOutput(int descriptor = StandardOutput.Descriptor) : Stream
{
    /// <summary>STDOUT_FILENO of unistd.h.</summary>
    const int Descriptor = 1;

    /// <summary>STDERR_FILENO of unistd.h.</summary>
    const int ErrorDescriptor = 2;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Makes <see cref="Console.Out"/> and <see cref="Console.Error"/> write here. Every command, --help and --version
    /// print to the first. The console's own error output starts a thread, which fails where memory is short.
    /// </summary>
    public static void ReplaceConsole()
    {
        Console.SetOut(new StreamWriter(new StandardOutput()) { AutoFlush = true });
        Console.SetError(new StreamWriter(new StandardOutput(ErrorDescriptor)) { AutoFlush = true });
    }

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (InheritedDescriptor.Write(descriptor, buffer) is var error and not 0)
            throw new OutputException(error);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
