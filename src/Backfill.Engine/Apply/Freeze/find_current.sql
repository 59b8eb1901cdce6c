select s.id
from unnest($1) as s (id)
where {{current}}
