//! Who has a port.

/// The program that listens on a port of this machine, as `name (process 123)`, where the system tells.
pub(super) fn holder(port: u16) -> Option<String> {
    #[cfg(target_os = "linux")]
    return linux::holder(port);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = port;
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    /// `LISTEN` in `/proc/net/tcp` (proc(5)).
    const LISTENING: &str = "0A";

    pub(super) fn holder(port: u16) -> Option<String> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
        let sockets: Vec<String> =
            tables.iter().flat_map(|table| table.lines()).filter_map(|l| socket(l, port)).collect();
        let holders = fs::read_dir("/proc").ok()?.filter_map(Result::ok).filter_map(|process| {
            let pid: u32 = process.file_name().to_str()?.parse().ok()?;
            let files = fs::read_dir(process.path().join("fd")).ok()?;
            let mut links = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
            links.find(|link| sockets.iter().any(|socket| link.as_os_str() == socket.as_str()))?;
            let name = fs::read_to_string(process.path().join("comm")).ok()?;
            let started = started(&fs::read_to_string(process.path().join("stat")).ok()?)?;
            Some((started, pid, name))
        });
        // A process that the holder is just about to start has its files for a moment, too.
        let (_, pid, name) = holders.min()?;
        Some(format!("{} (process {pid})", name.trim()))
    }

    /// When a process began: the 22nd field of its `stat`, whose second one is a name in brackets (proc(5)).
    fn started(stat: &str) -> Option<u64> {
        stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
    }

    /// `socket:[12345]` of a line, if it is about a program that listens on the port.
    fn socket(line: &str, port: u16) -> Option<String> {
        let columns: Vec<_> = line.split_whitespace().collect();
        let (_, number) = columns.get(1)?.rsplit_once(':')?;
        let is_it = *columns.get(3)? == LISTENING && u16::from_str_radix(number, 16) == Ok(port);
        is_it.then_some(())?;
        Some(format!("socket:[{}]", columns.get(9)?))
    }

    #[cfg(test)]
    mod tests {
        use std::net::TcpListener;

        use super::*;

        #[test]
        fn the_holder_of_a_port_is_found() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let holder = holder(port).unwrap();
            assert!(holder.ends_with(&format!("(process {})", std::process::id())), "{holder}");
        }
    }
}
