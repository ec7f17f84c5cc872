//! Strongly connected components, by Tarjan's algorithm, without recursion: hierarchies may be as deep as they like.

use super::Edge;

/// The components of the nodes that are `needed`, over the deep edges into them; each after all that lead to it.
pub(super) fn find(into: &[Vec<Edge>], needed: &[bool]) -> Vec<Vec<u32>> {
    let mut search = Search {
        into,
        number: vec![0; into.len()],
        low: vec![0; into.len()],
        is_open: vec![false; into.len()],
        next: 1,
        open: Vec::new(),
        components: Vec::new(),
    };
    for node in 0..u32::try_from(into.len()).unwrap_or(u32::MAX) {
        if needed[node as usize] && search.number[node as usize] == 0 {
            search.from(node);
        }
    }
    search.components
}

struct Search<'a> {
    into: &'a [Vec<Edge>],
    /// In which order the nodes were found, from 1; 0 where they were not yet.
    number: Vec<u32>,
    /// The earliest node still open that can be reached.
    low: Vec<u32>,
    is_open: Vec<bool>,
    next: u32,
    open: Vec<u32>,
    components: Vec<Vec<u32>>,
}

impl Search<'_> {
    fn from(&mut self, start: u32) {
        self.enter(start);
        // Nodes on the way down, each with the edges of it that were followed.
        let mut way = vec![(start, 0)];
        while let Some((node, followed)) = way.last_mut() {
            let node = *node;
            let at = node as usize;
            let edge = self.into[at].get(*followed);
            *followed += 1;
            match edge {
                // Direct holders do not depend on anything.
                Some(edge) if edge.shallow => {}
                Some(edge) if self.number[edge.from as usize] == 0 => {
                    self.enter(edge.from);
                    way.push((edge.from, 0));
                }
                Some(edge) => {
                    if self.is_open[edge.from as usize] {
                        self.low[at] = self.low[at].min(self.number[edge.from as usize]);
                    }
                }
                None => {
                    way.pop();
                    if let Some((above, _)) = way.last() {
                        let above = *above as usize;
                        self.low[above] = self.low[above].min(self.low[at]);
                    }
                    if self.low[at] == self.number[at] {
                        self.close(node);
                    }
                }
            }
        }
    }

    fn enter(&mut self, node: u32) {
        let at = node as usize;
        self.number[at] = self.next;
        self.low[at] = self.next;
        self.next += 1;
        self.is_open[at] = true;
        self.open.push(node);
    }

    fn close(&mut self, root: u32) {
        let mut component = Vec::new();
        while let Some(node) = self.open.pop() {
            self.is_open[node as usize] = false;
            component.push(node);
            if node == root {
                break;
            }
        }
        self.components.push(component);
    }
}
