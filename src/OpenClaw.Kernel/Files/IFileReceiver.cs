namespace OpenClaw.Kernel.Files;

/// <summary>Receives the bytes that are appended to a followed file.</summary>
public interface IFileReceiver
{
    /// <summary>Takes the next bytes. They may be cut at any place.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Ends an unfinished line. The next bytes are the start of another file.</summary>
    void EndFile();
}
