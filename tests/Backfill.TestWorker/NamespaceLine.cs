using System.Net;
using System.Net.Sockets;

namespace Backfill.TestWorker;

/// <summary>
/// The way out of a network namespace: the addresses that the worker knows are listened at inside, and lead to sockets in a folder,
/// which files reach across namespaces. At their other end a test carries the bytes on, or doesn't.
/// </summary>
internal static class NamespaceLine
{
    /// <summary>Listens at the ports whose sockets are in the folder: <c>5432.sock</c>.</summary>
    public static void Open(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.sock"))
        {
            var listener = new TcpListener(IPAddress.Loopback, int.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture));
            listener.Start();
            _ = Task.Run(async () =>
            {
                while (true)
                    _ = CarryAsync(await listener.AcceptTcpClientAsync().ConfigureAwait(false), path);
            });
        }
    }

    private static async Task CarryAsync(TcpClient inside, string path)
    {
        using var outside = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (inside)
        {
            try
            {
                await outside.ConnectAsync(new UnixDomainSocketEndPoint(path)).ConfigureAwait(false);
                await using var there = new NetworkStream(outside);
                var here = inside.GetStream();
                await Task.WhenAny(here.CopyToAsync(there), there.CopyToAsync(here)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // Both ends see it as a line that breaks.
            }
        }
    }
}
