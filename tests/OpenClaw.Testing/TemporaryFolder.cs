namespace OpenClaw.Testing;

/// <summary>A folder of one test, deleted with it.</summary>
sealed class TemporaryFolder : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("openclaw-exporter-");

    /// <summary>The full path of a file or folder in it.</summary>
    public string PathOf(string relative) => Path.Combine(_folder.FullName, relative);

    /// <summary>Writes a file in the folder, creates its parent folders, and returns its full path.</summary>
    public string Write(string relative, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(relative))!);
        File.WriteAllText(PathOf(relative), text);
        return PathOf(relative);
    }

    /// <summary>
    /// Copies a program into the folder, and returns its full path. A child between fork and exec would hold the copy
    /// open for writing, and the start of the copy would fail with ETXTBSY.
    /// </summary>
    public string CopyProgram(string program, string relative)
    {
        lock (ChildProcess.Forking)
            File.Copy(program, PathOf(relative));
        return PathOf(relative);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
