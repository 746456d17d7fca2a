using System.Buffers.Binary;

namespace OpenClaw.Kernel.Bpf;

/// <summary>Reads a section of a file from its start to its end, through a small buffer.</summary>
/// <param name="file">The file.</param>
/// <param name="start">The offset of the section.</param>
/// <param name="length">The length of the section in bytes.</param>
sealed class BtfCursor(Stream file, long start, long length)
{
    readonly byte[] _buffer = new byte[16 * 1024];
    int _from;
    int _to;
    long _next;

    /// <summary>The offset in the section of the byte that comes next.</summary>
    public long Position => _next - (_to - _from);

    /// <summary>True at the end of the section.</summary>
    public bool IsAtEnd => Position >= length;

    /// <summary>Goes on behind some bytes; false where the section ends before.</summary>
    public bool Skip(long count)
    {
        if (count > length - Position)
            return false;
        if (count <= _to - _from)
        {
            _from += (int)count;
            return true;
        }

        _next += count - (_to - _from);
        _from = _to = 0;
        return true;
    }

    /// <summary>Takes a number of 32 bits; false where the section or the file ends before.</summary>
    public bool TryTake(out uint number)
    {
        number = 0;
        if (length - Position < sizeof(uint))
            return false;
        while (_to - _from < sizeof(uint))
        {
            if (!Fill())
                return false;
        }

        number = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_from));
        _from += sizeof(uint);
        return true;
    }

    /// <summary>
    /// Takes a text up to its zero byte, which is not part of it. False where there is none, or no end of it within the
    /// length of the buffer.
    /// </summary>
    public bool TryTakeText(out ReadOnlySpan<byte> text)
    {
        text = default;
        while (true)
        {
            var end = _buffer.AsSpan(_from, _to - _from).IndexOf((byte)0);
            if (end >= 0)
            {
                text = _buffer.AsSpan(_from, end);
                _from += end + 1;
                return true;
            }

            if (!Fill())
                return false;
        }
    }

    bool Fill()
    {
        _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
        (_from, _to) = (0, _to - _from);
        var room = (int)Math.Min(_buffer.Length - _to, length - _next);
        if (room <= 0)
            return false;
        file.Position = start + _next;
        var count = file.Read(_buffer, _to, room);
        _to += count;
        _next += count;
        return count > 0;
    }
}
