using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>The result of a login attempt.</summary>
enum PasswordCheck
{
    /// <summary>The password is the user's.</summary>
    Right,

    /// <summary>The password is wrong, or the user does not exist.</summary>
    Wrong,

    /// <summary>Too many attempts wait already.</summary>
    Busy,
}

/// <summary>
/// Compares passwords with their bcrypt hashes, which takes tens of milliseconds of CPU by design. Only one comparison
/// runs at a time. A few attempts may wait, still fewer from one address. Right passwords are remembered. A wrong
/// attempt always takes as long as the most expensive hash, so that the time does not show which users exist.
/// </summary>
sealed class Passwords : IDisposable
{
    /// <summary>
    /// The limit on remembered passwords. bcrypt ignores everything after 72 bytes, so many passwords can be right.
    /// </summary>
    const int RememberedAtMost = 100;

    /// <summary>
    /// The divisor of the free places that a single address may take, beyond its first. An attacker leaves places for
    /// other clients, whose turn comes soon.
    /// </summary>
    const int Share = 8;

    /// <summary>
    /// The key of remembered passwords, created at the first use. Without users, the exporter runs without OpenSSL.
    /// </summary>
    readonly Lazy<byte[]> _secret = new(static () => RandomNumberGenerator.GetBytes(32));
    readonly HashSet<string> _remembered = [];
    readonly SemaphoreSlim _turn = new(1);
    readonly Dictionary<IPAddress, int> _waiting = [];

    /// <summary>Checks one attempt.</summary>
    /// <param name="users">The names and bcrypt hashes; at least one.</param>
    /// <param name="user">The name in the request.</param>
    /// <param name="password">The password in the request.</param>
    /// <param name="address">The address of the client.</param>
    /// <param name="cancellation">Cancels the attempt when the client disconnects before its turn.</param>
    public async Task<PasswordCheck> CheckAsync(
        ImmutableDictionary<string, string> users,
        string user,
        string password,
        IPAddress address,
        CancellationToken cancellation
    )
    {
        var hash = users.GetValueOrDefault(user);
        var name = hash is null ? "" : Name(hash, password);
        if (IsRemembered(name))
            return PasswordCheck.Right;

        address = Places.Client(address);
        if (!TryQueue(address))
            return PasswordCheck.Busy;
        try
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                var costs = users.Values.Select(CostOf);
                if (!await Task.Run(() => IsRight(hash, password, costs.Max()), CancellationToken.None))
                    return PasswordCheck.Wrong;
                Remember(name);
                return PasswordCheck.Right;
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Leave(address);
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>
    /// Returns true for the right password. A wrong one takes as long as the highest cost. Each step of the cost
    /// doubles the work. So one hash at the password's own cost, and one at each step from there, take as long
    /// together.
    /// </summary>
    static bool IsRight(string? hash, string password, int highestCost)
    {
        if (hash is not null && BCrypt.Net.BCrypt.Verify(password, hash))
            return true;
        if (hash is null)
            BCrypt.Net.BCrypt.HashPassword(password, highestCost);
        for (var cost = hash is null ? highestCost : CostOf(hash); cost < highestCost; cost++)
            BCrypt.Net.BCrypt.HashPassword(password, cost);
        return false;
    }

    /// <summary>Returns the cost at the start of a hash: $2y$10$…</summary>
    static int CostOf(string hash) => int.Parse(hash.Split('$')[2], CultureInfo.InvariantCulture);

    bool TryQueue(IPAddress address)
    {
        lock (_waiting)
        {
            var own = _waiting.GetValueOrDefault(address);
            var free = ExporterBounds.WaitingPasswords - _waiting.Values.Sum();
            if (free == 0 || (own > 0 && own >= free / Share))
                return false;
            _waiting[address] = own + 1;
            return true;
        }
    }

    void Leave(IPAddress address)
    {
        lock (_waiting)
        {
            if (--_waiting[address] == 0)
                _waiting.Remove(address);
        }
    }

    /// <summary>
    /// Returns the name under which a right password is remembered. It reveals neither the password nor a hash to test
    /// passwords against.
    /// </summary>
    string Name(string hash, string password) =>
        Convert.ToHexString(HMACSHA256.HashData(_secret.Value, Encoding.UTF8.GetBytes($"{hash}\0{password}")));

    bool IsRemembered(string name)
    {
        lock (_remembered)
            return _remembered.Contains(name);
    }

    void Remember(string name)
    {
        lock (_remembered)
        {
            if (_remembered.Count >= RememberedAtMost)
                _remembered.Clear();
            _remembered.Add(name);
        }
    }
}
